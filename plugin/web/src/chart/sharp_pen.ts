// A canvas of the size that it is shown in, with a pixel of its own for each of the screen's.

/** A pen that counts in the page's pixels; null while there is nothing to draw on. */
export function sharpPen(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  if (!pen || width === 0) return null;
  pen.scale(canvas.width / width, canvas.height / Math.max(1, height));
  return pen;
}
