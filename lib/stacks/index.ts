// What is deployed together: the stack, and the base model that it is deployed with.
// May import constructs, contracts and CDK; never functions nor an SDK.
// How one resource is made does not belong here: that is lib/constructs.
export { ACKNOWLEDGEMENTS } from './acknowledgements.ts';
export * from './base-model.ts';
export * from './find-net.ts';
export * from './troupe-stack.ts';
