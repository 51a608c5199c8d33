// SPDX-License-Identifier: GPL-2.0-or-later
/* COM1 (16550), polled. */
#include <stdarg.h>

#include "../host.h"
#include "format.h"
#include "metal.h"
#include "port.h"

#define COM1		0x3f8
#define COM_DATA	(COM1 + 0)
#define COM_IRQ_ENABLE	(COM1 + 1)
#define COM_FIFO	(COM1 + 2)
#define COM_LINE	(COM1 + 3)
#define COM_MODEM	(COM1 + 4)
#define COM_LINE_STATUS (COM1 + 5)
#define LINE_DLAB	0x80
#define LINE_8N1	0x03
#define STATUS_READY	0x20
#define STATUS_IDLE	0x40

void serial_init(void)
{
	port_out8(COM_IRQ_ENABLE, 0);
	port_out8(COM_LINE, LINE_DLAB);
	port_out8(COM_DATA, 1); /* divisor 1: 115,200 baud */
	port_out8(COM_IRQ_ENABLE, 0);
	port_out8(COM_LINE, LINE_8N1);
	port_out8(COM_FIFO, 0x07); /* on, both cleared */
	port_out8(COM_MODEM, 0x03);
}

void serial_write(const void *data, size_t bytes)
{
	const u8 *next = data;

	while (bytes--) {
		while (!(port_in8(COM_LINE_STATUS) & STATUS_READY))
			__asm__ volatile("pause");
		port_out8(COM_DATA, *next++);
	}
}

void serial_drain(void)
{
	while (!(port_in8(COM_LINE_STATUS) & STATUS_IDLE))
		__asm__ volatile("pause");
}

void serial_vprint(const char *format, va_list args)
{
	char text[512];

	format_text(text, sizeof(text), format, args);
	serial_write(text, __builtin_strlen(text));
}

void serial_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	serial_vprint(format, args);
	va_end(args);
}
