/** The compiler settings of a source, the same for the build and for forge; they are part of what a deployed address follows from. */

/** Called seldom, and long: less code is worth more here than the last gas. */
const SELDOM = /^src\/(market|governance|token)\//;

const SETTINGS = {
  // Understood by every chain in use; the compiler of a contract fixes its bytecode and with it its address.
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 10_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

/** Settings of the source with that name. */
export function settingsOf(name) {
  return SELDOM.test(name) ? { ...SETTINGS, optimizer: { enabled: true, runs: 200 } } : SETTINGS;
}
