/** Version of the compiler, recorded in every manifest. */
export const COMPILER_VERSION = '0.1.0';
