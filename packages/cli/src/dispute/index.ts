/** A dispute for people: live in the terminal, and as a page or picture to keep. */
export { disputeHtml } from './dispute-html.js';
export { disputeLines } from './dispute-lines.js';
export { disputeSvg } from './dispute-svg.js';
export { showDispute, type LiveDispute } from './live-dispute.js';
export { writeDisputeReport, type DisputeReport } from './write-report.js';
