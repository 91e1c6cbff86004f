/** The gensyn command as a library: run a command line, generate its reference. */
export { run } from './main.js';
export * as commandsPage from './commands-page.js';
export { allExplanations } from './explanations.js';
