// Ends the run with one plain line that scripts can read: `N passed, N failed` (`, N skipped` if any).
// A test file that did not even load counts as one failure, so that the line never looks better than the run.
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // At exit: jest prints its own summary after every reporter has had its turn, and this line closes the run.
    process.once('exit', () => process.stdout.write(`\n${line}\n`));
  }
};
