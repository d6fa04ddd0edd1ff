import type { Random } from './random.ts';

/**
 * Names as they occur in real accounts, each hard on some part of a reader: commas, doubled quotes and line breaks in
 * quoted fields, scripts of all widths and directions, combining marks, joined emoji, and leading characters that a
 * spreadsheet would run as a formula.
 */
const UNUSUAL_NAMES: readonly string[] = [
  'UGC Testimonial, Été à Paris v3',
  'UGC Testimonial, E\u0301te\u0301 a\u0300 Paris v3',
  'Founder Story | Reel | v1',
  '"Before & After" Carousel, v2',
  'The 5" Planter, Unboxed',
  'Spring Sale\nnew headline, old image',
  'Two-line hook:\n"Wait for it…"',
  '春の新作コレクション リール v2',
  '【期間限定】送料無料キャンペーン',
  '職人インタビュー、前編',
  'ギフトガイド・母の日',
  '여름 신상 룩북 v1',
  '夏季促销 | 视频 15秒',
  'عروض الربيع – فيديو قصير',
  'قصة المؤسس، الجزء الأول',
  'סיפור המייסדת | סטורי',
  'Весенняя распродажа, видео 15 с',
  'Отзывы покупателей | карусель',
  'Ανοιξιάτικη συλλογή v2',
  'हमारी कहानी | रील',
  'ลดราคาฤดูร้อน | วิดีโอ',
  'İstanbul lansmanı, ışıklı vitrin',
  'Größer wohnen – Küche, Teil 2',
  'Señal única: ¡Última oportunidad!',
  'Żółty fotel — wersja nocna',
  '🔥 Flash Sale 48h',
  '👩‍👩‍👧 Family Plan | Story',
  '🇬🇧 Made in Britain, since 1974',
  '✨ Glow-up routine ✨ v4',
  '🎁🎁 Gift Guide, under £25',
  'Nguyễn Huệ pop-up | Ảnh tĩnh',
  '=SALE= Summer Preview',
  '+1 Free Coffee, weekends',
  '@home Workout | Reel 9:16',
  '-20% Weekend Only',
];

const CONCEPTS: readonly string[] = [
  'UGC Testimonial',
  'Founder Story',
  'Unboxing',
  'How It Works',
  'Before and After',
  'Customer Review',
  'Price Anchor',
  'Bestsellers',
  'New Arrivals',
  'Free Delivery',
  'Studio Tour',
  'Morning Routine',
  'Problem Solution',
  'Comparison',
  'Social Proof',
  'Last Chance',
];
const FORMATS: readonly string[] = ['Reel 9:16', 'Carousel', 'Static 1:1', 'Story', 'Video 15s', 'Video 30s'];
const VARIANTS: readonly string[] = ['v1', 'v2', 'v3', 'v4'];

/** `count` different creative names in random order: every unusual one, and ordinary ones for the rest. */
export function creativeNames(count: number, random: Random): string[] {
  const ordinary = CONCEPTS.flatMap((concept) =>
    FORMATS.flatMap((format) => VARIANTS.map((variant) => `${concept} | ${format} | ${variant}`)),
  );
  const names = [
    ...UNUSUAL_NAMES,
    ...random.shuffled(ordinary).filter((name) => !UNUSUAL_NAMES.includes(name)),
  ];
  if (count > names.length)
    throw new RangeError(`at most ${names.length} creatives have a name of their own`);
  return random.shuffled(names.slice(0, count));
}
