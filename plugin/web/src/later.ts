// Loads the parts that the first look does without as soon as it is drawn. So they are there at the first click, also if the collector is away by then.

const kParts = [
  () => import('./chart/ChartHand.svelte'), () => import('./bars/LostBanner.svelte'), () => import('./bars/QualityLine.svelte'), () => import('./chart/AnswerLine.svelte'), () => import('./filter/completion'),
  () => import('./state/known_names'), () => import('./bars/FilterHelp.svelte'), () => import('./bars/RangeEditor.svelte'), () => import('./bars/ExporterList.svelte'), () => import('./bars/InterfacePicker.svelte'), () => import('./bars/InterfaceList.svelte'),
  () => import('./bars/MoreList.svelte'), () => import('./tables/RowMenu.svelte'), () => import('./tables/take_away'), () => import('./tables/session_columns'), () => import('./why/beside'), () => import('./why/WhyPanel.svelte'),
  () => import('./pages/NothingHere.svelte'), () => import('./tables/ByFields.svelte'), () => import('./tables/RowsPicture.svelte'), () => import('./chart/PieChart.svelte'),
];
const kFirstLook_ms = 1500;

async function loadAll(): Promise<void> {
  // One after the other: none is waited for. What does not come now is asked for again when it is used.
  for (const part of kParts) await part().catch(() => null);
}

export function loadTheRestLater(): void {
  setTimeout(() => void loadAll(), kFirstLook_ms);
}
