import { AnalysisError } from '../errors.ts';
import { foldName } from '../observation/columns.ts';

/** The observations of a JSON document: how their fields are called, and the fields of each. */
export interface JsonRows {
  readonly count: number;
  /** Folded names of the fields, in the order in which they are first met. */
  readonly names: readonly string[];
  /** Puts the values of a row into `fields` as `names` has them; where the row has none, it leaves what is there. */
  read(row: number, fields: unknown[]): void;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The observations of a document: a list, or `items` or `columns` of an object.
 *
 * @throws AnalysisError `invalid_request` when it has none of them, or they are of another shape
 */
export function jsonRows(document: unknown): JsonRows {
  if (Array.isArray(document)) return rowsOfElements(document);
  if (isObject(document)) {
    const { items, columns } = document;
    if (Array.isArray(items) && columns === undefined) return rowsOfElements(items);
    if (isObject(columns) && items === undefined) return rowsOfColumns(columns);
  }
  throw new AnalysisError(
    'invalid_request',
    'The JSON document has no list of observations.',
    'Send {"items": [{"id": …, "day": …, "impressions": …, "clicks": …, "spend": …}, …]}.',
  );
}

/** Names of fields, each with the place of its folded form: few, and asked for once for every value. */
class FieldNames {
  readonly folded: string[] = [];
  readonly #placeOfFolded = new Map<string, number>();
  readonly #placeOfName = new Map<string, number>();

  placeOf(name: string): number {
    const known = this.#placeOfName.get(name);
    if (known !== undefined) return known;
    const folded = foldName(name);
    const place = this.#placeOfFolded.get(folded) ?? this.folded.length;
    if (place === this.folded.length) this.folded.push(folded);
    this.#placeOfFolded.set(folded, place);
    this.#placeOfName.set(name, place);
    return place;
  }
}

/** Elements as rows, `metrics` unfolded; a name at the top beats the same name under `metrics`. */
function rowsOfElements(elements: readonly unknown[]): JsonRows {
  const names = new FieldNames();
  const objects = elements.map((element, position) => {
    if (!isObject(element)) throw notAnObject(position);
    eachField(element, (name) => names.placeOf(name));
    return element;
  });
  return {
    count: objects.length,
    names: names.folded,
    read(row, fields) {
      const element = objects[row];
      if (element === undefined) return;
      eachField(element, (name, value) => {
        fields[names.placeOf(name)] = value;
      });
    },
  };
}

function eachField(element: JsonObject, take: (name: string, value: unknown) => void): void {
  const metrics = element['metrics'];
  const isUnfolded = isObject(metrics);
  if (isUnfolded) for (const name of Object.keys(metrics)) take(name, metrics[name]);
  for (const name of Object.keys(element)) if (name !== 'metrics' || !isUnfolded) take(name, element[name]);
}

/** Rows out of columns; of two with the same folded name the later one. */
function rowsOfColumns(columns: JsonObject): JsonRows {
  const names = new FieldNames();
  const lists: (readonly unknown[])[] = [];
  let count = 0;
  for (const [i, [name, values]] of Object.entries(columns).entries()) {
    if (!Array.isArray(values)) throw unequal(`The column ${JSON.stringify(name)} is not a list.`);
    if (i === 0) count = values.length;
    if (values.length !== count)
      throw unequal(`The column ${JSON.stringify(name)} has ${values.length} values, others have ${count}.`);
    lists[names.placeOf(name)] = values;
  }
  return {
    count,
    names: names.folded,
    read(row, fields) {
      for (let place = 0; place < lists.length; place++) fields[place] = lists[place]?.[row];
    },
  };
}

function notAnObject(position: number): AnalysisError {
  return new AnalysisError(
    'invalid_request',
    `Element ${position + 1} of items is not an object.`,
    'Every element is one observation: {"id": …, "day": …, "impressions": …, "clicks": …}.',
  );
}

function unequal(message: string): AnalysisError {
  const remedy = 'Give every column as a list with one value for each observation, null where there is none.';
  return new AnalysisError('invalid_request', message, remedy);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
