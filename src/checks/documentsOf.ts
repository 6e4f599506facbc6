import type { ImageRepository, ImageUpdateAutomation } from '../model/flux';
import type { CheckSubject, FluxDocument } from './rule';
import { documentsOfKind } from './subject';

export function automationDocuments(subject: CheckSubject): readonly FluxDocument<ImageUpdateAutomation>[] {
  return documentsOfKind<ImageUpdateAutomation>(subject, 'ImageUpdateAutomation');
}

export function repositoryDocuments(subject: CheckSubject): readonly FluxDocument<ImageRepository>[] {
  return documentsOfKind<ImageRepository>(subject, 'ImageRepository');
}
