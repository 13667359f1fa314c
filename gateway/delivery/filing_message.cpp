#include "gateway/delivery/filing_message.h"

#include <google/protobuf/util/time_util.h>

namespace puente::delivery {

using google::protobuf::util::TimeUtil;

v1::Filing filing_message(const ledger::FilingRow& row, const std::optional<ledger::FilingDraft>& draft) {
  v1::Filing filing;
  filing.set_filing_id(row.id);
  filing.set_token(row.token);
  filing.set_kind(row.kind);
  filing.set_revision(row.revision);
  filing.set_possible_duplicate(row.possible_duplicate);
  filing.set_attempt(row.attempts);
  if (row.lease_until != 0) *filing.mutable_lease_until() = TimeUtil::MicrosecondsToTimestamp(row.lease_until);
  if (row.deadline != 0) *filing.mutable_deadline() = TimeUtil::MicrosecondsToTimestamp(row.deadline);
  filing.set_action(row.action);
  filing.set_records(row.records);
  if (draft)
    *v1::Filing::GetReflection()->MutableUnknownFields(&filing)->AddLengthDelimited(v1::Filing::kDraftFieldNumber) =
        draft->whole();
  filing.set_sha256(row.sha256);
  return filing;
}

v1::Filing with_draft_read(const v1::Filing& filing) {
  v1::Filing read;
  read.ParseFromString(filing.SerializeAsString());
  return read;
}

}  // namespace puente::delivery
