/** Versions of the software whose arithmetic a run used. */
import { loadRuntime } from '../device/onnxruntime.js';

export async function versions(): Promise<Record<string, string>> {
  const runtime = await loadRuntime();
  return { node: process.versions.node, onnxruntime: runtime.env.versions.node ?? 'unknown' };
}
