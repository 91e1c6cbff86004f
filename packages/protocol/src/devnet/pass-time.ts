/** Moves the clock of a local chain on. */
import type { JsonRpcProvider } from 'ethers';

/** @param seconds from the time of the newest block on, and a block is made. Returns its time. */
export async function passTime(provider: JsonRpcProvider, seconds: number): Promise<number> {
  await provider.send('evm_increaseTime', [seconds]);
  await provider.send('evm_mine', []);
  return (await provider.getBlock('latest'))!.timestamp;
}
