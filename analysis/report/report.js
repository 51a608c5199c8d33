// SPDX-License-Identifier: GPL-2.0-or-later
"use strict";
// Without this script the tables keep the order of the run.
function value(row, column) {
	const cell = row.cells[column];
	return cell.hasAttribute("data-v") ? Number(cell.getAttribute("data-v")) : null;
}
function compare(one, other, column) {
	const a = value(one, column), b = value(other, column);
	if (a !== null && b !== null)
		return a - b;
	const s = one.cells[column].textContent, t = other.cells[column].textContent;
	return s < t ? -1 : s > t ? 1 : 0;
}
function sort(table, header) {
	const column = header.cellIndex, body = table.tBodies[0];
	const down = header.getAttribute("aria-sort") === "ascending";
	const rows = Array.from(body.rows);
	// Missing values ("-") stay at the end in both directions.
	const there = rows.filter(row => row.cells[column].textContent !== "-");
	const none = rows.filter(row => row.cells[column].textContent === "-");
	there.sort((a, b) => (down ? -1 : 1) * compare(a, b, column));
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	header.setAttribute("aria-sort", down ? "descending" : "ascending");
	body.append(...there, ...none);
}
for (const table of document.querySelectorAll("table.sortable")) {
	for (const header of table.tHead.rows[0].cells) {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = header.textContent;
		button.title = "sort by " + header.textContent;
		header.replaceChildren(button);
		button.addEventListener("click", () => sort(table, header));
	}
}
addEventListener("beforeprint", () => {
	for (const details of document.querySelectorAll("details"))
		details.open = true;
});
