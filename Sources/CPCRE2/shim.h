#ifndef CPCRE2_SHIM_H
#define CPCRE2_SHIM_H

// The header requires the width of a code unit: 8 bits, for UTF-8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/// The steps that matching may still take.
typedef struct
{
  uint64_t left;
  /// The text of the pattern, in which PCRE2 gives places.
  const char *pattern;
} cpcre2_budget;

/// Counts the steps of a match and ends it when none is left.
///
/// The library calls it before each item of the pattern (PCRE2_AUTO_CALLOUT). PCRE2's own match limit begins anew at
/// each place of the text and does not count what one repeated character takes, so it bounds no time. Here an item that
/// can run over the rest of the text, a repetition or a back reference, costs as much as an eighth of that rest.
/// See pcre2callout(3).
static inline int cpcre2_step (pcre2_callout_block *block, void *data)
{
  cpcre2_budget *budget = (cpcre2_budget *) data;
  const char *item = budget->pattern + block->pattern_position;
  uint64_t cost = 1;
  if (block->next_item_length > 0)
    {
      char last = item[block->next_item_length - 1];
      int repeats = *item != ')' && (last == '*' || last == '+' || last == '}');
      int refers = (*item == '\\' && (item[1] == 'g' || item[1] == 'k' || (item[1] >= '1' && item[1] <= '9')))
                   || (*item == '(' && last == ')');
      if (repeats || refers)
        cost += (block->subject_length - block->current_position) / 8;
    }
  if (cost > budget->left)
    {
      budget->left = 0;
      return PCRE2_ERROR_MATCHLIMIT;
    }
  budget->left -= cost;
  return 0;
}

/// Lets ``cpcre2_step`` count. A function that is static inline has no address in Swift.
static inline void cpcre2_count (pcre2_match_context *context, cpcre2_budget *budget)
{
  pcre2_set_callout (context, cpcre2_step, budget);
}

#endif
