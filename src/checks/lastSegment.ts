/** `app` of `ghcr.io/acme/app`: what stays the same when an image is mirrored. */
export function lastSegment(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}
