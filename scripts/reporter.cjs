/** Mocha's dots, closed by one line that a program can read: `N passed, N failed`. */
const { reporters, Runner } = require('mocha');

module.exports = class extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (pending > 0) console.log(`${pending} skipped`);
      console.log(`${passes} passed, ${failures} failed`);
    });
  }
};
