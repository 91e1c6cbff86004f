export type * from './dispute-record.js';
