// Lives here: what runs the synthesised templates (cdk.out) on one machine, with no account, container or GPU.
// May import: contracts, AWS SDK clients, Node; cdk.out is read as files and programs are started as processes.
// Does not belong: a name of Troupe's own resources, code of the functions or constructs, anything the cloud runs.
export type { ImageProgram } from './batch/images.ts';
export { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './cloud.ts';
export { daemonStatus, startDaemon, stopDaemon } from './daemon.ts';
export { LocalCloudError, type LocalCloudErrorCode } from './errors.ts';
export { FAULT_KINDS, type FaultKind, type FaultPlan, readFaults } from './faults/plan.ts';
export type { Outputs } from './provision/stacks.ts';
export { type Endpoints, type LocalState, readState, runningState } from './state.ts';
export { type Hop, readTrace, type TraceEntry } from './trace.ts';
