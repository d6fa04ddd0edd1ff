import type { Measure } from './measures.ts';
import type { Wish } from './wish.ts';
import type { WorkersReason } from './workers.ts';

/** Why workers were, or were not, changed. @param asked null when nothing could be asked */
export function explainWorkers(reason: WorkersReason, from: number, to: number, asked: Wish | null): string {
  const load = describe(asked?.load ?? null);
  const pressure = describe(asked?.pressure ?? null);
  const wanted = asked?.wanted ?? from;
  switch (reason) {
    case 'repeated':
      return `Workers stay at ${from}: this time was decided on before.`;
    case 'no-data':
      return `Workers stay at ${from}: nothing is known of any queue, nor of the database.`;
    case 'updating':
      return `Workers stay at ${from} for now, of ${wanted}: the last change of their caps is not done yet.`;
    case 'raised':
      return `Workers are raised from ${from} to ${to}, of ${wanted}: ${load}.`;
    case 'lowered':
      return `Workers are lowered from ${from} to ${to}: for five minutes no more was asked for; ${load}.`;
    case 'protected':
      return `Workers are lowered from ${from} to ${to}, to protect the database: ${pressure}.`;
    case 'restored':
      return `Workers stay at ${from}, and their caps get back into proportion.`;
    case 'held-back':
      return `Workers stay at ${from}, of ${wanted}, because of the database: ${pressure}; ${load}.`;
    case 'at-most':
      return `Workers stay at ${from}, the most there may be, of ${wanted}: ${load}.`;
    case 'waiting':
      return `Workers stay at ${from}: another number, now ${asked?.wish}, was not wished for long enough; ${load}.`;
    case 'steady':
      return `Workers stay at ${from}: ${load}.`;
  }
}

function describe(measure: Measure | null): string {
  if (measure === null) return 'nothing is known of any queue';
  const { name, queue, value, target } = measure;
  switch (name) {
    case 'drain':
      return `the ${queue} queue takes ${seconds(value)} to drain, of ${target} s`;
    case 'age':
      return `a message has waited ${seconds(value)} in the ${queue} queue, of ${target} s`;
    case 'busy':
      return `${percent(100 * value)} of the workers of the ${queue} queue are busy, of ${percent(100 * target)}`;
    case 'writerCpu':
      return `its writer uses ${percent(value)} of its processors, of ${percent(target)}`;
    case 'readerCpu':
      return `its readers use ${percent(value)} of their processors, of ${percent(target)}`;
    case 'capacity':
      return `its writer is at ${percent(value)} of the largest it may become, of ${percent(target)}`;
    case 'pinned':
      return `${Math.round(value)} connections of its proxy cannot be shared, of ${target}`;
  }
}

function seconds(value: number): string {
  return `${Math.round(value)} s`;
}

function percent(value: number): string {
  return `${Math.round(value)} %`;
}
