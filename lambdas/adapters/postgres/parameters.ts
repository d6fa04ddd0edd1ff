/** The parameters of a statement that is put together: values never become part of its text. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value. @returns what stands for it in the text, such as `$3` */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
