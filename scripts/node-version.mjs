/** Stops with one sentence when this Node.js is older than the project needs; runs on any Node.js that has modules. */
const WANTED = 20;
const major = Number(process.versions.node.split('.')[0]);
if (major < WANTED) {
  console.error(`gensyn needs Node.js ${WANTED} or newer; this is ${process.versions.node}.`);
  console.error('Get one from https://nodejs.org or with your version manager: nvm install 22');
  process.exit(1);
}
