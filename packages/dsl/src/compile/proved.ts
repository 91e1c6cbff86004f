/** The compiler's own output goes through the same check as anybody else's. */
import { GensynError, verifyCanonical, type Graph } from '@gensyn/ir';

/** The graph itself. Errors: L0904. */
export function proved(graph: Graph): Graph {
  const [violation] = verifyCanonical(graph);
  if (violation)
    throw new GensynError('L0904', `the compiled graph is not canonical: ${violation.message}`, {
      help: 'this is a defect of the compiler; please report it with the job',
    });
  return graph;
}
