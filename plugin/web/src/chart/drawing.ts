// The parts of ECharts that the window uses, so that the bundle holds no others.

import { LineChart, PieChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, PieChart, GridComponent, CanvasRenderer]);

export type Drawing = EChartsType;

/** A drawing that follows the size of its element; the second value ends it. */
export function createDrawing(element: HTMLElement, onResize: () => void): [Drawing, () => void] {
  const drawing = init(element, null, { renderer: 'canvas' });
  const observer = new ResizeObserver(() => {
    drawing.resize();
    onResize();
  });
  observer.observe(element);
  return [
    drawing,
    () => {
      observer.disconnect();
      drawing.dispose();
    },
  ];
}
