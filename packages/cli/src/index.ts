/** The gensyn command as a library: run a command line, generate its reference. */
export { run } from './main.js';
