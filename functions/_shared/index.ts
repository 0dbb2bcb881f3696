// What lives here: the ports (ports.ts), the live adapters behind them, the border every handler shares, the logger, errors.
// May import contracts, the SDK, middy, sharp, onnxruntime; never a step, never CDK. Steps import types of ports, errors, hash, router.
// What several steps think alike does not belong here: that is functions/_rules.
export type * from './ports.ts';
