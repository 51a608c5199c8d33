// SPDX-License-Identifier: GPL-2.0-or-later
#include "multiboot.h"

#define LOW	  (1ULL << 20)
#define HIGH	  (1ULL << 32)
#define AVAILABLE 1
#define MODULES	  16 /* whose memory is kept; the loader's other ones are not used */

#define INFO1_MEMORY  (1 << 0)
#define INFO1_MODULES (1 << 3)
#define INFO1_MAP     (1 << 6)

struct info1 {
	u32 flags, mem_lower_kib, mem_upper_kib, boot_device, cmdline, mods_count, mods_addr;
	u32 symbols[4], map_bytes, map_addr;
};

struct module1 {
	u32 start, end, string, reserved;
};

struct tag2 {
	u32 type, size;
};

/* The memory map, of either version, and what else is in use. */
struct map {
	const u8 *entries;
	u32 bytes, stride; /* stride: of an entry; 0: each begins with its size, without itself */
	struct boot_range used[MODULES + 1];
	u32 used_count;
};

struct entry {
	struct boot_range range;
	bool available;
};

/* The entry at offset *at, which becomes that of the next one. False: there is none. */
static bool next_entry(const struct map *map, u32 *at, struct entry *entry)
{
	const u32 fields = 20; /* base, length, type */
	const u8 *from = map->entries + *at;
	u32 step = map->stride, type;
	u64 length;

	if (*at >= map->bytes || map->bytes - *at < 4)
		return false;
	if (!step) {
		__builtin_memcpy(&step, from, 4);
		from += 4;
		step += 4;
	}
	if (step < fields || step > map->bytes - *at || map->entries + *at + step < from + fields)
		return false;
	__builtin_memcpy(&entry->range.start, from, 8);
	__builtin_memcpy(&length, from + 8, 8);
	__builtin_memcpy(&type, from + 16, 4);
	entry->range.end = entry->range.start + length;
	if (entry->range.end < entry->range.start)
		entry->range.end = ~0ULL;
	entry->available = type == AVAILABLE;
	*at += step;
	return true;
}

/* The first range at or after `from` that is not free; {HIGH, HIGH}: none. */
static struct boot_range hole_after(const struct map *map, u64 from)
{
	struct boot_range hole = {HIGH, HIGH};
	struct entry entry;

	for (u32 at = 0; next_entry(map, &at, &entry);)
		if (!entry.available && entry.range.end > from &&
		    entry.range.start < entry.range.end && entry.range.start < hole.start)
			hole = entry.range;
	for (u32 i = 0; i < map->used_count; i++)
		if (map->used[i].end > from && map->used[i].start < hole.start)
			hole = map->used[i];
	return hole;
}

/* The end of the RAM that goes on at `end`, by further entries of the map. */
static u64 extend(const struct map *map, u64 end)
{
	struct entry entry;

	for (u32 at = 0; next_entry(map, &at, &entry);)
		if (entry.available && entry.range.start <= end && entry.range.end > end) {
			end = entry.range.end;
			at = 0;
		}
	return end < HIGH ? end : HIGH;
}

static struct boot_range largest(const struct map *map)
{
	struct boot_range found = {0, 0};
	struct entry entry;

	for (u32 at = 0; next_entry(map, &at, &entry);) {
		u64 from = entry.range.start > LOW ? entry.range.start : LOW, end;

		if (!entry.available || entry.range.end <= from)
			continue;
		end = extend(map, entry.range.end);
		while (from < end) {
			struct boot_range hole = hole_after(map, from);
			u64 until = hole.start < end ? hole.start : end;

			if (until > from && until - from > found.end - found.start)
				found = (struct boot_range){from, until};
			from = hole.end > from ? hole.end : end;
		}
	}
	return found;
}

static bool is_free(const struct map *map, struct boot_range range)
{
	struct entry entry;
	bool ram = false;

	for (u32 at = 0; next_entry(map, &at, &entry);)
		ram |= entry.available && entry.range.start <= range.start &&
		       extend(map, entry.range.end) >= range.end;
	return ram && hole_after(map, range.start).start >= range.end;
}

static void add_module(struct map *map, struct boot_memory *memory, struct boot_range module)
{
	if (!memory->module.end)
		memory->module = module;
	if (map->used_count < MODULES + 1)
		map->used[map->used_count++] = module;
}

static const char *read1(const struct info1 *info, struct map *map, struct boot_memory *memory)
{
	/* In place of a map: RAM without holes from 1 MiB on, and from 0 to mem_lower. */
	static struct {
		u64 base, length;
		u32 type, reserved;
	} flat[2];
	const struct module1 *module = (const void *)(u64)info->mods_addr;

	for (u32 i = 0; info->flags & INFO1_MODULES && i < info->mods_count; i++)
		add_module(map, memory, (struct boot_range){module[i].start, module[i].end});
	map->entries = (const void *)(u64)info->map_addr;
	map->bytes = info->map_bytes;
	if (info->flags & INFO1_MAP)
		return NULL;
	if (!(info->flags & INFO1_MEMORY))
		return "the boot loader gives no memory map and no memory size";
	flat[0].length = (u64)info->mem_lower_kib << 10;
	flat[1].base = LOW;
	flat[1].length = (u64)info->mem_upper_kib << 10;
	flat[0].type = flat[1].type = AVAILABLE;
	map->entries = (const u8 *)flat;
	map->bytes = sizeof(flat);
	map->stride = sizeof(flat[0]);
	return NULL;
}

static const char *read2(const u8 *info, struct map *map, struct boot_memory *memory)
{
	u32 total, word[2];
	struct tag2 tag;

	__builtin_memcpy(&total, info, sizeof(total));
	for (u32 at = 8; at + sizeof(tag) <= total; at += (tag.size + 7) & ~7U) {
		const u8 *data = info + at + sizeof(tag);

		__builtin_memcpy(&tag, info + at, sizeof(tag));
		if (tag.size < sizeof(tag) || tag.size > total - at || !tag.type)
			break;
		__builtin_memcpy(word, data, tag.size >= sizeof(tag) + 8 ? 8 : 0);
		if (tag.type == MULTIBOOT2_INFO_MODULE && tag.size >= 16)
			add_module(map, memory, (struct boot_range){word[0], word[1]});
		if (tag.type == MULTIBOOT2_INFO_RSDP2 ||
		    (tag.type == MULTIBOOT2_INFO_RSDP1 && !memory->rsdp))
			memory->rsdp = data;
		if (tag.type != MULTIBOOT2_INFO_MAP || tag.size < 16)
			continue;
		map->entries = data + 8;
		map->bytes = tag.size - 16;
		map->stride = word[0];
	}
	return map->entries && map->stride ? NULL : "the boot loader gives no memory map";
}

const char *multiboot_read(u32 magic, const void *info, struct boot_range image,
			   struct boot_memory *memory)
{
	struct map map = {.used = {image}, .used_count = 1};
	const char *fault = "not started by a Multiboot loader";

	memory->free = memory->module = (struct boot_range){0, 0};
	memory->rsdp = NULL;
	if (magic == MULTIBOOT1_LOADED)
		fault = read1(info, &map, memory);
	else if (magic == MULTIBOOT2_LOADED)
		fault = read2(info, &map, memory);
	if (fault)
		return fault;
	memory->free = largest(&map);
	memory->page_is_free = is_free(&map, memory->page);
	return NULL;
}
