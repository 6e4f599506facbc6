// The fault table: one row for every clause of "why nothing happened". Each row says how its fault comes into a delivery that
// is healthy otherwise, and what the explanation must name: that fault, at that link, and nothing else.
import { appliedFaults } from './faults/applied';
import { crossingFaults } from './faults/crossings';
import { fetchedFaults } from './faults/fetched';
import { publishedFaults } from './faults/published';
import { rolledOutFaults } from './faults/rolledOut';
import type { FaultRow } from './faults/row';
import { scannedFaults } from './faults/scanned';
import { selectedFaults } from './faults/selected';
import { writtenFaults } from './faults/written';

/** In the order of the chain. */
export const faultRows: readonly FaultRow[] = [
  ...publishedFaults,
  ...scannedFaults,
  ...selectedFaults,
  ...writtenFaults,
  ...crossingFaults,
  ...fetchedFaults,
  ...appliedFaults,
  ...rolledOutFaults,
];
