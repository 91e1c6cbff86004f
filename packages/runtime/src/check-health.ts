/** Stops a run that has left the range for which its arithmetic is proved. */
import { GensynError, type Manifest } from '@gensyn/ir';
import type { StepScalars } from './executor/executor.js';

/** Errors: R0401, R0402 with the first step at which the state left its range or the loss its meaning. */
export function checkHealth(chunk: StepScalars, manifest: Manifest): void {
  for (let i = 0; i < chunk.count; i++) {
    const step = chunk.first + i + 1;
    const health = chunk.health[i] ?? 0;
    const help =
      'Lower the learning rate, clip the gradient, or warm up. The last checkpoint before this step is good.';
    if (!(health <= manifest.healthBound)) {
      throw new GensynError(
        'R0401',
        `training diverged at step ${step}: the state reached ${health}, beyond ${manifest.healthBound}`,
        { help },
      );
    }
    if (!Number.isFinite(chunk.loss[i] ?? 0))
      throw new GensynError('R0402', `training diverged at step ${step}: the loss is ${chunk.loss[i]}`, {
        help,
      });
  }
}
