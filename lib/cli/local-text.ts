import type { LocalDocument } from '../contracts/index.ts';

export function localText({ up, pid, endpoints }: LocalDocument): string {
  if (!up) return 'The local cloud is down.';
  const lines = Object.entries(endpoints ?? {}).map(([service, url]) => `  ${service}  ${url}`);
  return [`The local cloud is up${pid === undefined ? '' : ` (process ${pid})`}.`, ...lines].join('\n');
}
