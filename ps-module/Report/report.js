// A click on the head of a column sorts its table, the next one the other way round.
for (const head of document.querySelectorAll('thead th')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener('click', () => {
    const body = head.closest('table').tBodies[0];
    const column = head.cellIndex;
    const back = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
    const text = (row) => row.cells[column].textContent;
    const rows = [...body.rows].map((row) => ({ row, text: text(row) }));
    const numbers = rows.every((one) => one.text === '' || Number.isFinite(Number(one.text)));
    const order = new Intl.Collator(undefined, { numeric: true }).compare;
    const compare = (a, b) => (numbers ? Number(a.text) - Number(b.text) : order(a.text, b.text));
    // What is empty comes last, whichever way.
    rows.sort((a, b) => (a.text === '') - (b.text === '') || back * compare(a, b));
    for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', back === 1 ? 'ascending' : 'descending');
    const sorted = document.createDocumentFragment();
    for (const one of rows) sorted.append(one.row);
    body.append(sorted);
  });
}
