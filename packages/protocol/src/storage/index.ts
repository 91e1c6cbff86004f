export * from './store.js';
export * from './open-store.js';
