// SPDX-License-Identifier: GPL-2.0-or-later
/* The backend's function table. */
#include "batch.h"
#include "controls.h"
#include "enable.h"
#include "feature.h"
#include "vm.h"

static void kick(struct hv_vcpu *hv)
{
	struct svm_vcpu *vcpu = hv->priv;

	vcpu->raw.kicked = true;
}

static int counts(struct hv_vcpu *hv, struct hv_counts *counts)
{
	const struct svm_vcpu *vcpu = hv->priv;

	return raw_counts(&vcpu->raw, counts);
}

const struct hv_backend hv_svm = {
	.name = "svm",
	.title = "raw SVM",
	.raw_space = "svm",
	.vendor = HV_VENDOR_AMD,
	.every_exit = true,
	.probe = svm_probe,
	.cpu_on = svm_cpu_on,
	.cpu_off = svm_cpu_off,
	.vm_create = svm_vm_create,
	.vm_destroy = svm_vm_destroy,
	.vcpu_create = svm_vcpu_create,
	.vcpu_destroy = svm_vcpu_destroy,
	.enable = svm_feature_enable,
	.controls = svm_controls,
	.device_add = raw_device_add,
	.pages = svm_pages,
	.run = svm_run,
	.kick = kick,
	.counts = counts,
	.raw_reason = svm_exit_code,
	.raw_name = svm_exit_name,
};
