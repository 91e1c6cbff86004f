/** GML, the job language: from source text to canonical graphs. */
export { compileJob, FLOAT_FILE, type Compiled, type CompileOptions } from './compile/compile-job.js';
export {
  compileInference,
  INFERENCE_FILE,
  type CompiledInference,
  type InferenceOptions,
} from './compile/compile-inference.js';
export { predictionText, type PredictionRequest } from './compile/prediction-text.js';
export { removeOldParts } from './compile/remove-old-parts.js';
export { exportModel } from './compile/export-model.js';
export { compileExplanations } from './compile/explanations.js';
export { COMPILER_VERSION } from './compile/version.js';
export * from './data/index.js';
export { numericsDocument } from './lowering/functions/numerics-document.js';
export { trainingStep, evaluationStep, floatStep } from './lowering/step.js';
export { libraryFunctions, recordFunctions } from './library/index.js';
export type { LibraryFunction, Parameter, RecordFunction } from './library/function.js';
export {
  check,
  checkOrThrow,
  checkTask,
  standardLibrary,
  type Checked,
  type CheckOptions,
} from './semantics/check.js';
export type { Prediction, Program } from './semantics/program.js';
export { DiagnosticsError } from './diagnostics/diagnostics-error.js';
export type { Diagnostic } from './diagnostics/diagnostic.js';
export { languageExplanations } from './diagnostics/explanations.js';
export { importExplanations } from './import/explanations.js';
export { renderDiagnostic, renderDiagnostics, diagnosticsJson } from './diagnostics/render.js';
export { format } from './format/format.js';
