/** The elementary functions as canonical graphs. */
export { erf, erfDerivative } from './erf.js';
export { exp, EXP_HI, EXP_LO, TABLE_ELEMENTS, type ExpOptions } from './exp.js';
export { gelu, geluDerivative } from './gelu.js';
export { log, LOG_HI, LOG_LO, type LogOptions } from './log.js';
export { sigmoid, sigmoidDerivative } from './sigmoid.js';
export { silu, siluDerivative } from './silu.js';
export { softplus } from './softplus.js';
export { ANGLE_LIMIT, cos, sin } from './trigonometric.js';
export { tanh, tanhDerivative } from './tanh.js';
export { numericsDocument } from './numerics-document.js';
export { POSITIVE_FLOOR, power, reciprocal, rsqrt } from './power.js';
