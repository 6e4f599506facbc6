// The command line's entry: the same reading and judging as in the editor, and it never writes.

const usage = `Usage: flux-promote <command> [options]
`;

process.stderr.write(usage);
process.exitCode = 2;
