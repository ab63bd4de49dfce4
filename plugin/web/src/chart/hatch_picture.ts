// Hatching on a canvas: in pictures, too, time of which nothing is known must not look like a zero.

export interface Stretch {
  /** Pixels. */
  from: number;
  to: number;
  /** Nothing is known; else some exporters are missing. */
  whole: boolean;
}

const kGap_px = 6;

export function paintHatches(pen: CanvasRenderingContext2D, stretches: readonly Stretch[], top: number, tall: number, colour: string, partColour: string): void {
  for (const { from, to, whole } of stretches) {
    const wide = Math.max(2, to - from);
    pen.save();
    pen.beginPath();
    pen.rect(from, top, wide, tall);
    pen.clip();
    pen.strokeStyle = colour;
    pen.globalAlpha = whole ? 0.5 : 0.3;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let x = from - tall; x < from + wide; x += whole ? kGap_px : 2 * kGap_px) {
      pen.moveTo(x, top + tall);
      pen.lineTo(x + tall, top);
    }
    pen.stroke();
    pen.restore();
    if (whole) continue;
    pen.fillStyle = partColour;
    pen.fillRect(from, top + tall - 4, wide, 4);
  }
}
