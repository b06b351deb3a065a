/** How one program's cost grows. */
export interface ScaleSeries {
  readonly name: string;
  /** In ascending order of targets. */
  readonly points: ScalePoint[];
}

export interface ScalePoint {
  readonly targetCount: number;
  readonly seconds: number;
  readonly mebibytes: number;
}

type Measure = Exclude<keyof ScalePoint, "targetCount">;

const width = 860;
const height = 380;
const margin = { top: 56, right: 24, bottom: 52, left: 58 };
const gap = 76;
const panelWidth = (width - margin.left - margin.right - gap) / 2;
const panelHeight = height - margin.top - margin.bottom;
/** Told apart without colours as well: the second line is dashed. */
const strokes = [
  { color: "#1f6feb", dash: "none" },
  { color: "#bf5b16", dash: "6 4" },
] as const;

/** Two panels beside each other, time and memory over targets, all axes logarithmic, as one SVG document. */
export function drawScale(series: readonly ScaleSeries[]): string {
  const panels = [
    drawPanel(series, "seconds", "seconds from start to exit", 0),
    drawPanel(series, "mebibytes", "MiB resident at most", panelWidth + gap),
  ];
  const names = series.map(({ name }) => name).join(" and ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>Time and memory of ${names} by number of targets</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels,
    ...series.map(({ name }, index) => drawLegend(name, index)),
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel(series: readonly ScaleSeries[], measure: Measure, title: string, left: number): string {
  const points = series.flatMap(({ points }) => points);
  const across = axisOf(points.map(({ targetCount }) => targetCount), panelWidth);
  const up = axisOf(points.map((point) => point[measure]), panelHeight);
  const x = (value: number) => across.place(value).toFixed(1);
  const y = (value: number) => (panelHeight - up.place(value)).toFixed(1);
  const bottom = panelHeight;
  return [
    `<g transform="translate(${(margin.left + left).toFixed(1)} ${margin.top})">`,
    `<text x="0" y="-12" font-weight="bold">${title}</text>`,
    ...up.decades.map((value) =>
      `<path d="M0 ${y(value)}H${panelWidth}" stroke="#d0d7de"/>` +
      `<text x="-8" y="${y(value)}" dy="4" text-anchor="end">${label(value)}</text>`
    ),
    ...across.decades.map((value) =>
      `<path d="M${x(value)} 0V${bottom}" stroke="#d0d7de"/>` +
      `<text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${label(value)}</text>`
    ),
    `<text x="${panelWidth / 2}" y="${bottom + 40}" text-anchor="middle">targets</text>`,
    ...series.map(({ points }, index) => {
      const { color, dash } = strokes[index % strokes.length]!;
      const line = points.map((point) => `${x(point.targetCount)} ${y(point[measure])}`).join("L");
      const dots = points.map((point) =>
        `<circle cx="${x(point.targetCount)}" cy="${y(point[measure])}" r="3.5" fill="${color}">` +
        `<title>${point.targetCount}: ${point[measure].toPrecision(3)}</title></circle>`
      );
      return `<path d="M${line}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>` +
        dots.join("");
    }),
    "</g>",
  ].join("\n");
}

function drawLegend(name: string, index: number): string {
  const { color, dash } = strokes[index % strokes.length]!;
  const left = margin.left + index * 110;
  return `<path d="M${left} 20h28" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>` +
    `<text x="${left + 36}" y="24">${name}</text>`;
}

/** A logarithmic axis over whole decades. */
function axisOf(values: readonly number[], length: number) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    place: (value: number) => (Math.log10(value) - first) / (last - first) * length,
    decades: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
  };
}

function label(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}
