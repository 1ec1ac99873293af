// SPDX-License-Identifier: MIT
/* Messages of functions: MSI and MSI-X (PCI 3.0 §6.8). */
#include "config_items.h"
#include "pci_parts.h"

#define MESSAGE_BASE 0xfee00000ull
#define TARGET_SHIFT 12
#define MASKED	     1u

/* Message control, in the upper half of the capability's first double word */
#define CONTROL_SHIFT 16
#define MSI_ENABLE    0x0001u
#define MSI_64	      0x0080u
#define MSI_MASKS     0x0100u
#define MSIX_SIZE     0x07ffu
#define MSIX_CONTROL  0xc000u /* enable, and mask for all of the function */

#define TABLE_AT    4u
#define TABLE_BAR   0x7u
#define ENTRY_BYTES 16u

static struct pci_message *message_of(struct core *core, const struct pci_function *function, uint32_t index)
{
	return &core->pci.message[function->message + index];
}

static bool is_sharing(const struct core *core, const struct pci_function *function)
{
	return core->config->partition[function->partition].slice_us != 0;
}

static uint32_t host_vector(const struct core *core, uint32_t message)
{
	return IRQ_HOST_VECTOR_FIRST + core->config->machine.ioapic.pins + message;
}

/*
 * How many messages a function may have: MSI's one, and those of its table as far as there is room. A driver
 * uses a few for each processor, but an OS masks all that it finds, which is an exit each.
 */
static uint32_t room(const struct core *core, const struct pci_function *function)
{
	uint32_t most = 1 + PCI_TABLE_SHOWN * core->config->partition[function->partition].processor_count;
	uint32_t left = PCI_MESSAGES - core->pci.messages;

	if (is_sharing(core, function)) {
		uint32_t next = host_vector(core, core->pci.messages);

		left = next > IRQ_HOST_VECTOR_LAST ? 0 : IRQ_HOST_VECTOR_LAST + 1 - next;
	}
	return most < left ? most : left;
}

/* The partition is not to find it. */
static void hide(struct pci_function *function, uint8_t *capability)
{
	function->shown &= ~(1ull << *capability / 4);
	*capability = 0;
}

/* Whether the table lies in a BAR of the partition's. */
static bool find_table(const struct core *core, struct pci_function *function)
{
	uint32_t place = pci_register(core, function, function->msix + TABLE_AT), index = place & TABLE_BAR;
	uint64_t offset = place & ~TABLE_BAR;

	if (index >= CFG_BARS || function->config->port_bars >> index & 1)
		return false;
	function->table = function->config->bar[index].base + offset;
	return offset + function->real_vectors * ENTRY_BYTES <= function->config->bar[index].size_bytes;
}

static void open_table(struct core *core, struct pci_function *function, uint32_t most)
{
	uint32_t size = (pci_register(core, function, function->msix) >> CONTROL_SHIFT & MSIX_SIZE) + 1;

	function->real_vectors = (uint16_t)size;
	if (!most || !find_table(core, function)) {
		hide(function, &function->msix);
		return;
	}
	function->vectors = (uint16_t)(size < most ? size : most);
	core->pci.tables[function->partition]++;
}

void pci_messages_open(struct core *core, struct pci_function *function)
{
	uint32_t messages = room(core, function);

	function->message = core->pci.messages;
	if (function->msix)
		open_table(core, function, messages ? messages - 1 : 0);
	if (function->msi && !messages)
		hide(function, &function->msi);
	if (!function->msi && !function->msix)
		return;
	for (uint32_t i = 0; i <= function->vectors; i++)
		core->pci.message_owner[core->pci.messages++] = function->partition;
}

void pci_messages_reset(struct core *core, struct pci_function *function)
{
	function->msi_control = function->msix_control = 0;
	if (!function->msi && !function->msix)
		return;
	*message_of(core, function, 0) = (struct pci_message){{0}};
	for (uint32_t i = 1; i <= function->vectors; i++)
		*message_of(core, function, i) = (struct pci_message){.word[PCI_MASK] = MASKED};
}

static uint32_t with_control(uint32_t real, uint32_t control)
{
	return (real & 0xffff) | control << CONTROL_SHIFT;
}

void pci_messages_off(const struct core *core, const struct pci_function *function)
{
	if (function->msi)
		pci_set_register(core, function, function->msi,
				 pci_register(core, function, function->msi) & 0xffff);
	if (function->msix)
		pci_set_register(core, function, function->msix,
				 pci_register(core, function, function->msix) & 0xffff);
}

static void store(const struct core *core, const struct pci_function *function, uint32_t index,
		  enum pci_word word, uint32_t value)
{
	const struct pci_hardware *hardware = core->pci.hardware;

	hardware->store(hardware->context, function->table + index * ENTRY_BYTES + word * sizeof(value),
			value);
}

void pci_messages_mask(const struct core *core, const struct pci_function *function)
{
	for (uint32_t i = 0; function->msix && i < function->real_vectors; i++)
		store(core, function, i, PCI_MASK, MASKED);
}

/* What the hardware is to send for a message. False: nothing, as it would reach nobody of the partition. */
static bool confine(struct core *core, const struct pci_function *function, uint32_t index, uint32_t *address,
		    uint32_t *data)
{
	const uint32_t *asked = message_of(core, function, index)->word;
	uint64_t asked_address = asked[PCI_ADDRESS] | (uint64_t)asked[PCI_ADDRESS_HIGH] << 32;
	struct irq_message message;

	if (irq_msi(core, function->partition, asked_address, asked[PCI_DATA], &message) != IRQ_GRANTED)
		return false;
	*address = (uint32_t)MESSAGE_BASE | core->config->machine.apic_id[message.target[0]] << TARGET_SHIFT;
	*data = is_sharing(core, function) ? host_vector(core, function->message + index) : message.vector;
	return true;
}

static uint32_t msi_control(const struct core *core, const struct pci_function *function)
{
	return pci_register(core, function, function->msi) >> CONTROL_SHIFT & (MSI_64 | MSI_MASKS);
}

/* Where in the capability a word of the message is; 0: it has no such register. */
static uint32_t msi_offset(uint32_t control, enum pci_word word)
{
	uint32_t data = control & MSI_64 ? 12 : 8;

	switch (word) {
	case PCI_ADDRESS:
		return 4;
	case PCI_ADDRESS_HIGH:
		return control & MSI_64 ? 8 : 0;
	case PCI_DATA:
		return data;
	default:
		return control & MSI_MASKS ? data + 4 : 0;
	}
}

/* The bits of each word that can be written. */
static const uint32_t msi_writable[PCI_MESSAGE_WORDS] = {~3u, ~0u, 0xffff, MASKED};

/* Behind the mask are the bits that are pending. */
uint32_t pci_msi_bytes(const struct core *core, const struct pci_function *function)
{
	uint32_t control = msi_control(core, function);

	return control & MSI_MASKS ? msi_offset(control, PCI_MASK) + 8 : msi_offset(control, PCI_DATA) + 4;
}

/* It is off while its words change; with words that reach nobody it stays off. */
static void program_msi(struct core *core, const struct pci_function *function)
{
	uint32_t control = msi_control(core, function);
	uint32_t real = pci_register(core, function, function->msi);
	uint32_t word[PCI_MESSAGE_WORDS] = {0};

	pci_set_register(core, function, function->msi, with_control(real, 0));
	if (!(function->msi_control & MSI_ENABLE) ||
	    !confine(core, function, 0, &word[PCI_ADDRESS], &word[PCI_DATA]))
		return;
	word[PCI_MASK] = message_of(core, function, 0)->word[PCI_MASK];
	for (enum pci_word i = PCI_ADDRESS; i < PCI_MESSAGE_WORDS; i++)
		if (msi_offset(control, i))
			pci_set_register(core, function, function->msi + msi_offset(control, i), word[i]);
	pci_set_register(core, function, function->msi, with_control(real, MSI_ENABLE));
}

/* The word of the message at an offset in the capability. */
static enum pci_word msi_word(uint32_t control, uint32_t at)
{
	enum pci_word word = PCI_ADDRESS;

	while (word < PCI_MESSAGE_WORDS && (!at || msi_offset(control, word) != at))
		word++;
	return word;
}

uint32_t pci_msi_read(const struct core *core, const struct pci_function *function, uint32_t at,
		      uint32_t real)
{
	uint32_t control = msi_control(core, function);
	enum pci_word word = msi_word(control, at);

	if (at == 0)
		return with_control(real, control | function->msi_control);
	return word < PCI_MESSAGE_WORDS ? core->pci.message[function->message].word[word] : real;
}

void pci_msi_write(struct core *core, struct pci_function *function, uint32_t at, uint32_t value,
		   uint32_t mask)
{
	enum pci_word word = msi_word(msi_control(core, function), at);
	uint32_t *asked = message_of(core, function, 0)->word;

	if (at == 0)
		function->msi_control = (uint16_t)pci_merge(function->msi_control, value >> CONTROL_SHIFT,
							    mask >> CONTROL_SHIFT & MSI_ENABLE);
	else if (word < PCI_MESSAGE_WORDS)
		asked[word] = pci_merge(asked[word], value, mask & msi_writable[word]);
	program_msi(core, function);
}

uint32_t pci_msix_read(const struct pci_function *function, uint32_t at, uint32_t real)
{
	return at ? real : with_control(real, function->msix_control | (function->vectors - 1u));
}

void pci_msix_write(struct core *core, struct pci_function *function, uint32_t at, uint32_t value,
		    uint32_t mask)
{
	if (at)
		return;
	function->msix_control = (uint16_t)pci_merge(function->msix_control, value >> CONTROL_SHIFT,
						     mask >> CONTROL_SHIFT & MSIX_CONTROL);
	pci_set_register(core, function, function->msix,
			 with_control(pci_register(core, function, function->msix), function->msix_control));
}

/* An entry is masked while its words change; with words that reach nobody it stays masked. */
static void program_entry(struct core *core, const struct pci_function *function, uint32_t index)
{
	uint32_t address, data;

	store(core, function, index, PCI_MASK, MASKED);
	if (message_of(core, function, index + 1)->word[PCI_MASK] & MASKED ||
	    !confine(core, function, index + 1, &address, &data))
		return;
	store(core, function, index, PCI_ADDRESS, address);
	store(core, function, index, PCI_ADDRESS_HIGH, 0);
	store(core, function, index, PCI_DATA, data);
	store(core, function, index, PCI_MASK, 0);
}

static uint64_t table_end(const struct pci_function *function)
{
	return function->table + function->real_vectors * ENTRY_BYTES;
}

/* The function of the partition whose table is in this page; NULL if there is none. */
static const struct pci_function *table_in_page(const struct core *core, uint8_t partition, uint64_t gpa)
{
	uint64_t page = gpa & ~(CFG_PAGE_BYTES - 1ull);

	if (!core->pci.tables[partition])
		return NULL;
	for (uint32_t i = 0; i < core->config->partition[partition].pci_count; i++) {
		const struct pci_function *function = &core->pci.function[partition][i];

		if (function->msix && function->table < page + CFG_PAGE_BYTES && page < table_end(function))
			return function;
	}
	return NULL;
}

bool pci_is_table_page(const struct core *core, uint8_t partition, uint64_t gpa)
{
	return table_in_page(core, partition, gpa) != NULL;
}

/* Which entry of the table this is; as many as there are if it is none. */
static uint32_t entry_at(const struct pci_function *function, uint64_t gpa)
{
	if (gpa < function->table || gpa >= table_end(function))
		return function->real_vectors;
	return (uint32_t)((gpa - function->table) / ENTRY_BYTES);
}

static uint32_t word_at(const struct pci_function *function, uint64_t gpa)
{
	return (uint32_t)((gpa - function->table) % ENTRY_BYTES / sizeof(uint32_t));
}

uint32_t pci_table_read(struct core *core, uint8_t partition, uint64_t gpa)
{
	const struct pci_function *function = table_in_page(core, partition, gpa);
	uint32_t index;

	if (!function)
		return ~0u;
	index = entry_at(function, gpa);
	if (index == function->real_vectors)
		return core->pci.hardware->load(core->pci.hardware->context, gpa);
	return index < function->vectors ? message_of(core, function, index + 1)->word[word_at(function, gpa)]
					 : 0;
}

void pci_table_write(struct core *core, uint8_t partition, uint64_t gpa, uint32_t value)
{
	const struct pci_function *function = table_in_page(core, partition, gpa);
	uint32_t index, word;

	if (!function)
		return;
	index = entry_at(function, gpa);
	if (index == function->real_vectors)
		core->pci.hardware->store(core->pci.hardware->context, gpa, value);
	if (index >= function->vectors)
		return;
	word = word_at(function, gpa);
	message_of(core, function, index + 1)->word[word] = word == PCI_MASK ? value & MASKED : value;
	program_entry(core, function, index);
}

bool pci_host_message(const struct core *core, uint8_t vector, uint8_t *partition, uint8_t *wanted)
{
	uint32_t message = vector - host_vector(core, 0);

	if (vector < host_vector(core, 0) || message >= core->pci.messages)
		return false;
	*partition = core->pci.message_owner[message];
	*wanted = (uint8_t)core->pci.message[message].word[PCI_DATA];
	return core->config->partition[*partition].slice_us != 0;
}
