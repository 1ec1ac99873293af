// SPDX-License-Identifier: MIT
/* Core: how a payload would be started. */
#include "core_object.h"

#include "payload.h"

#define RSDP_BYTES 36

static PyStructSequence_Field payload_field[] = {
	{"start", "how it is started, such as 'linux-64'"},
	{"entry", "where"},
	{"segments", "(gpa, bytes in memory, offset in the file, bytes of the file) of each"},
	{"told", "where what it is told lies"},
	{"initrd", "where its initrd lies, 0 if it has none"},
	{"information", "what a multiboot payload is told"},
	{NULL, NULL},
};

static PyStructSequence_Desc payload_desc = {
	.name = "mrm_core.Payload",
	.doc = "Where what of a payload goes.",
	.fields = payload_field,
	.n_in_sequence = 6,
};

static PyStructSequence_Field refusal_field[] = {
	{"fault", "short name of what is wrong, such as 'outside'"},
	{"first", "first of the numbers that it is about"},
	{"last", "last of them"},
	{"text", "one sentence on it"},
	{NULL, NULL},
};

static PyStructSequence_Desc refusal_desc = {
	.name = "mrm_core.Refusal",
	.doc = "Why a payload cannot be started.",
	.fields = refusal_field,
	.n_in_sequence = 4,
};

static PyObject *new_refusal(PyTypeObject *type, const struct pay_fault *fault)
{
	char text[PAY_TEXT_BYTES];
	size_t length = pay_text(fault, text, sizeof(text));
	PyObject *const value[] = {
		PyUnicode_FromString(pay_fault_name(fault->kind)),
		PyLong_FromUnsignedLongLong(fault->first),
		PyLong_FromUnsignedLongLong(fault->last),
		PyUnicode_DecodeLatin1(text, (Py_ssize_t)length, NULL),
	};

	return new_record(type, Py_ARRAY_LENGTH(value), value);
}

static PyObject *new_segments(const struct pay_plan *plan)
{
	PyObject *list = PyList_New(plan->segment_count);

	for (uint32_t i = 0; list && i < plan->segment_count; i++) {
		const struct pay_segment *segment = &plan->segment[i];
		PyObject *item = Py_BuildValue(
			"KKKK", (unsigned long long)segment->gpa, (unsigned long long)segment->memory_bytes,
			(unsigned long long)segment->offset, (unsigned long long)segment->file_bytes);

		if (!item)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, item);
	}
	return list;
}

static PyObject *new_information(const struct cfg_partition *config, const struct pay_plan *plan,
				 const uint8_t *rsdp)
{
	PyObject *bytes;

	if (plan->start != PAY_MULTIBOOT_1 && plan->start != PAY_MULTIBOOT_2)
		return PyBytes_FromStringAndSize(NULL, 0);
	bytes = PyBytes_FromStringAndSize(NULL, PAY_TOLD_BYTES);
	if (!bytes)
		return NULL;
	memset(PyBytes_AS_STRING(bytes), 0, PAY_TOLD_BYTES);
	pay_multiboot_information(config, plan, rsdp, (uint8_t *)PyBytes_AS_STRING(bytes));
	return bytes;
}

static PyObject *new_payload(PyTypeObject *type, const struct cfg_partition *config,
			     const struct pay_plan *plan, const uint8_t *rsdp)
{
	PyObject *const value[] = {
		PyUnicode_FromString(pay_start_name(plan->start)),
		PyLong_FromUnsignedLongLong(plan->entry),
		new_segments(plan),
		PyLong_FromUnsignedLongLong(plan->told),
		PyLong_FromUnsignedLongLong(plan->initrd),
		new_information(config, plan, rsdp),
	};

	return new_record(type, Py_ARRAY_LENGTH(value), value);
}

PyObject *core_payload(PyObject *self, PyObject *args)
{
	struct module_state *state = PyType_GetModuleState(Py_TYPE(self));
	Py_buffer file, rsdp = {.buf = NULL};
	uint8_t partition, pointer[RSDP_BYTES] = {0};
	const struct cfg_partition *config;
	PyObject *answer = NULL;
	uint64_t initrd_bytes = 0;
	struct pay_fault fault;
	struct pay_plan plan;

	if (!PyArg_ParseTuple(args, "O&y*|O&y*:payload", to_u8, &partition, &file, to_u64, &initrd_bytes,
			      &rsdp))
		return NULL;
	if (rsdp.buf)
		memcpy(pointer, rsdp.buf, (size_t)rsdp.len < RSDP_BYTES ? (size_t)rsdp.len : RSDP_BYTES);
	if (partition_exists(self, partition)) {
		config = &core_of(self)->config->partition[partition];
		if (pay_plan(config, (struct pay_file){file.buf, (uint64_t)file.len}, initrd_bytes, &plan,
			     &fault) == PAY_OK)
			answer = new_payload(state->payload, config, &plan, pointer);
		else
			answer = new_refusal(state->refusal, &fault);
	}
	PyBuffer_Release(&file);
	PyBuffer_Release(&rsdp);
	return answer;
}

int add_payload(PyObject *module)
{
	struct module_state *state = module_state(module);

	if (add_record(module, &state->payload, &payload_desc) < 0)
		return -1;
	return add_record(module, &state->refusal, &refusal_desc);
}
