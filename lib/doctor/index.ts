// What lives here: the check of a subject's pictures on this machine, with the very rules and decoders of the functions.
// May import functions/_rules and functions/_shared, contracts and Node; never the SDK, a step or the command line.
// What to check and how to judge does not belong here: that is functions/_rules/findings.ts and _shared/sharp-pictures.ts.
export * from './examine.ts';
