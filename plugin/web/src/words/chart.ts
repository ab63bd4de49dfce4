// What stands beside and over the chart, and what the pictures of the rows say.

export const kAnswer = {
  verdicts: { more: 'More than', as: 'As', less: 'Less than' }, zoom: 'Zoom to this time', since: (when: string) => `Since ${when}`,
  times: (times: number) => (Number.isFinite(times) ? `${times.toFixed(1)} × the rest` : 'nothing before'),
  spread: 'spread over many', and: ' and ', ofTheRise: 'of the rise', filterOn: (name: string) => `Filter on ${name}`,
  nothing: (length: string) => `Nothing stands out in these ${length}. Largest:`,
  then: (times: string, now: string, compared: string, then: string) => `${times}: ${now}, ${compared} at this time ${then}.`,
  notStored: (compared: string) => `Nothing is stored of ${compared} at this time.`,
};

export const kTip = { together: 'together', notKnown: 'not known' };

export const kChartSays = {
  alerts: (times: string, more: boolean) => `Alerts fired at ${times}${more ? ' and later' : ''}.`,
  heat: (rows: number, range: string) => `Heat map of ${rows} rows, ${range}. Left and right on a name read its cells.`,
  strip: 'Range within all that is stored',
};

export const kByFields = { by: 'By', and: 'and', groupBy: 'Group by', andBy: 'And by' };

export const kZone = { times: (zone: string, utc: boolean) => `Times in ${zone}${utc ? '' : ', local'}`, then: ', then ', showLocal: 'Show local time', showUtc: 'Show UTC', quality: 'Quality:' };
