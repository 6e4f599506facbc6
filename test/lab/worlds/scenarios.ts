import type { Scenario } from './scenario';
import { delivery } from './scenarios/delivery';
import { rollback } from './scenarios/rollback';
import { trouble } from './scenarios/trouble';

export const scenarios: readonly Scenario[] = [...delivery, ...rollback, ...trouble];
