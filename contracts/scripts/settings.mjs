/** The compiler settings, the same for the build and for forge; they are part of what a deployed address follows from. */
export const SETTINGS = {
  // Understood by every chain in use; the compiler of a contract fixes its bytecode and with it its address.
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 10_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};
