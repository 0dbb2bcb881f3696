// The command line: one command per file, each data; it uploads to the intake bucket and reads state, and never writes state.
// May import contracts, SDK clients and lib/local (to start, stop and find it). No CDK, no functions.
// Deciding what happens to an upload does not belong here: the functions decide, and leave their reasons to be shown.
export { main } from './main.ts';
