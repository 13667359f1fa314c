#include "gateway/flow/drafted.h"

namespace puente::flow {
namespace {

void put(std::string& key, std::string_view part) { key.append(std::to_string(part.size())).append(":").append(part); }

// Documents never change; as what they were read, and by whose profiles, the memo belongs to one Knowledge.
std::string key_of(const Assembly& assembly) {
  std::string key;
  for (const auto& document : assembly.documents) put(key, document.id);
  put(key, "notice");
  put(key, assembly.notice_document);
  for (const auto& correction : assembly.corrections)
    for (const auto& part : {correction.importer_of_record, correction.element, correction.value, correction.reason})
      put(key, part);
  return key;
}

using Question = Drafted::Question;

std::optional<std::pair<std::string, std::string>> answer_to(const Question& question, const Answers& answers) {
  switch (question.of) {
    case Question::Of::broker:
      if (auto handle = answers.broker(question.first, question.second, question.third)) return std::pair(*handle, "");
      return std::nullopt;
    case Question::Of::entry_number:
      if (auto number = answers.numbers.entry_number(question.first, question.second))
        return std::pair(number->number, number->assigned_by);
      return std::nullopt;
    case Question::Of::scn:
      if (auto number = answers.numbers.scn(question.first)) return std::pair(*number, "");
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

CutEntry::CutEntry(EntryDraft of_entry)
    : draft(std::move(of_entry)),
      head_bytes(draft.head.SerializeAsString()),
      fingerprint(flow::fingerprint(draft.head)) {}

std::shared_ptr<const Drafted> drafted(const Assembly& assembly, const crosswalk::Shipment& shipment,
                                       const Knowledge& knowledge, const Answers& answers) {
  auto key = key_of(assembly);
  if (auto known = knowledge.memo->drafts.find(key);
      known && std::all_of(known->asked.begin(), known->asked.end(),
                           [&](const Question& question) { return answer_to(question, answers) == question.answer; }))
    return known;

  auto made = std::make_shared<Drafted>();
  const auto ask = [&](Question question) -> const std::optional<std::pair<std::string, std::string>>& {
    question.answer = answer_to(question, answers);
    return made->asked.emplace_back(std::move(question)).answer;
  };
  crosswalk::DraftContext context;
  context.profiles = knowledge.profiles;
  context.catalog = knowledge.catalog;
  context.corrections = assembly.corrections;
  context.broker = [&](std::string_view importer, std::string_view port,
                       std::string_view scac) -> std::optional<std::string> {
    const auto& answer =
        ask({Question::Of::broker, std::string(importer), std::string(port), std::string(scac), std::nullopt});
    return answer ? std::optional(answer->first) : std::nullopt;
  };
  context.numbers.entry_number = [&](std::string_view filer_code,
                                     std::string_view importer) -> std::optional<crosswalk::GivenNumbers::EntryNumber> {
    const auto& answer =
        ask({Question::Of::entry_number, std::string(filer_code), std::string(importer), "", std::nullopt});
    if (!answer) return std::nullopt;
    return crosswalk::GivenNumbers::EntryNumber{answer->first, answer->second};
  };
  context.numbers.scn = [&](std::string_view uuid) -> std::optional<std::string> {
    const auto& answer = ask({Question::Of::scn, std::string(uuid), "", "", std::nullopt});
    return answer ? std::optional(answer->first) : std::nullopt;
  };
  made->draft = crosswalk::draft(shipment, context);
  for (int i = 0; i < made->draft.entries_size(); ++i)
    made->entries.push_back(std::make_shared<const CutEntry>(draft_of_entry(made->draft, i)));
  made->draft.clear_lineage();
  knowledge.memo->drafts.put(std::move(key), made);
  return made;
}

}  // namespace puente::flow
