// SPDX-License-Identifier: GPL-2.0-or-later
/* The instructions that the host replaces in the guest image. */
#include "guest_code.h"

static const u8 vmcall[] = {0x0f, 0x01, 0xc1};

/* A stamp is LFENCE, RDTSC, LFENCE; .fences lists both LFENCEs of each, and the VMCALLs. */
static void test_fences_are_all_listed(void **state)
{
	const u32 *fence = (const u32 *)at(header()->fences);
	const u8 *end = at(header()->table);
	u32 stamps = 0, listed = 0, calls = 0;

	(void)state;
	for (u32 i = 0; i < header()->fence_count; i++) {
		if (!memcmp(at(fence[i]), vmcall, sizeof(vmcall))) {
			calls++;
			continue;
		}
		assert_memory_equal(at(fence[i]), stamp, sizeof(stamp));
		assert_int_equal(fence[i + 1], fence[i] + 5);
		listed++;
		i++;
	}
	for (const u8 *p = guest_image; p + sizeof(stamp) <= end; p++)
		stamps += !memcmp(p, stamp, sizeof(stamp));
	assert_int_equal(listed, stamps);
	/* At least two in each of four loops; those of several operations (ops=) have more. */
	assert_true(stamps >= storm_count * 8);
	/* Eight and one in the plain loop of `vmcall`, one in the stamped one. */
	assert_true(calls >= 10);
}

/* Each VMCALL is replaced by VMMCALL, and nothing else is changed. */
static void test_vmcalls_become_vmmcalls(void **state)
{
	static const u8 vmmcall[] = {0x0f, 0x01, 0xd9};
	u32 size = image_size();
	u8 *image = malloc(size);
	u32 changed = 0;

	(void)state;
	memcpy(image, guest_image, size);
	assert_int_equal(storm_vmmcall(image, size), 0);
	for (u32 i = 0; i + sizeof(vmcall) <= size; i++) {
		if (image[i] == guest_image[i])
			continue;
		assert_memory_equal(guest_image + i - 2, vmcall, sizeof(vmcall));
		assert_memory_equal(image + i - 2, vmmcall, sizeof(vmmcall));
		changed++;
	}
	assert_true(changed >= 10);
	assert_int_equal(storm_vmmcall(image, sizeof(struct guest_header) - 1), -EINVAL);
	free(image);
}

static void test_fence_is_replaced_everywhere(void **state)
{
	static const struct {
		u8 fence, bytes[3];
	} fences[] = {
		{FENCE_LFENCE, {0x0f, 0xae, 0xe8}},
		{FENCE_MFENCE, {0x0f, 0xae, 0xf0}},
		{FENCE_NONE, {0x0f, 0x1f, 0x00}}, /* a NOP */
	};
	const u32 *fence = (const u32 *)at(header()->fences);
	u8 *image = malloc(image_size());

	(void)state;
	assert_non_null(image);
	for (size_t k = 0; k < COUNT(fences); k++) {
		memcpy(image, guest_image, image_size());
		assert_int_equal(storm_fence(image, image_size(), fences[k].fence), 0);
		for (u32 i = 0; i < header()->fence_count; i++) {
			u8 *place = image + (fence[i] - GUEST_IMAGE);

			if (!memcmp(place, vmcall, sizeof(vmcall)))
				continue;
			assert_memory_equal(place, fences[k].bytes, 3);
			memcpy(place, fences[0].bytes, 3);
		}
		/* And nothing else. */
		assert_memory_equal(image, guest_image, image_size());
	}
	/* Without LFENCEs there is nothing to replace. */
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), 0);
	assert_int_equal(storm_fence(image, image_size(), FENCE_MFENCE), -EINVAL);
	free(image);
}

static void test_fence_refuses_a_damaged_image(void **state)
{
	const u32 places[] = {0, GUEST_IMAGE - 1, GUEST_IMAGE + image_size() - 2, ~0U};
	struct guest_header damaged;
	u8 *image = malloc(image_size());

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i < COUNT(places); i++) {
		memcpy(image, guest_image, image_size());
		memcpy(image + (header()->fences - GUEST_IMAGE), &places[i], sizeof(places[i]));
		assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	}
	memcpy(image, guest_image, image_size());
	assert_int_equal(storm_fence(image, image_size(), 200), -EINVAL);
	assert_int_equal(storm_fence(image, sizeof(damaged) - 1, FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fences = ~0ULL;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fences++;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	damaged = *header();
	damaged.fence_count = ~0U;
	memcpy(image, &damaged, sizeof(damaged));
	assert_int_equal(storm_fence(image, image_size(), FENCE_NONE), -EINVAL);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fences_are_all_listed),
		cmocka_unit_test(test_vmcalls_become_vmmcalls),
		cmocka_unit_test(test_fence_is_replaced_everywhere),
		cmocka_unit_test(test_fence_refuses_a_damaged_image),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
