export * from './market-client.js';
