/** The id of the input of a field. Dotted paths of nested input stay unique and are safe in a fragment. */
export function fieldId(name: string): string {
  return `field-${name.replaceAll(/[^\w-]/g, "-")}`;
}
