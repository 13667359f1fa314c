// Named points at which a test may end this process, stop it, or make it fail: between two steps whose order matters.
// One table: the name, the file that crosses the point, and what has happened there. The crash tests walk it.
//
// Compiled in with the CMake option PUENTE_FAULT_POINTS (on where tests are built). Without it cross() is empty and
// nothing of this is in the program. Armed by the environment variable PUENTE_FAULT_POINT when the first point is
// crossed: orders separated by commas, each "name:nth[:action[:subject]]":
//   nth      the crossing that counts, from 1; 0: each one
//   action   kill (SIGKILL, the default), stop (SIGSTOP), throw (an exception), spin (2 s of CPU, then on)
//   subject  only crossings with this subject count: a document's client_ref, at read_begun and read_document
// An order that names no point of the table ends the process with exit 64. A gateway that says production refuses to
// start with orders (permit_fault_points).
//
// Threads: any. An armed point writes one line of JSON to standard error before it acts.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "gateway/ops/fault_points_option.h"  // made by CMake: PUENTE_FAULT_POINTS or nothing
#include "mappings/domain/result.h"

namespace puente::ops {

// name, file that crosses it, what has happened and what has not
// clang-format off
#define PUENTE_FAULT_POINT_TABLE(POINT)                                                                                            \
  POINT(start_before_ledger, "gateway/app/gateway.cpp", "configuration read, ledger not opened")                                   \
  POINT(start_ledger_open, "gateway/app/gateway.cpp", "ledger open, nothing works on it yet")                                      \
  POINT(start_workers, "gateway/app/gateway.cpp", "flow and delivery work, no door is open")                                       \
  POINT(start_doors_open, "gateway/app/gateway.cpp", "doors open, not said to be serving yet")                                     \
  POINT(migration_begun, "gateway/ledger/sqlite/schema.cpp", "schema table there, no step taken")                                  \
  POINT(migration_in_step, "gateway/ledger/sqlite/schema.cpp", "a step's statements run, not committed")                           \
  POINT(migration_step_committed, "gateway/ledger/sqlite/schema.cpp", "a step committed, guards not made")                         \
  POINT(group_begun, "gateway/ledger/sqlite/sqlite_ledger.cpp", "transaction of a group begun, nothing written")                   \
  POINT(group_write_done, "gateway/ledger/sqlite/sqlite_ledger.cpp", "one write of a group done, the transaction open")            \
  POINT(group_before_commit, "gateway/ledger/sqlite/sqlite_ledger.cpp", "all writes of a group done, not committed")               \
  POINT(group_committed, "gateway/ledger/sqlite/sqlite_ledger.cpp", "group on disk, nobody told")                                  \
  POINT(group_told, "gateway/ledger/teller.cpp", "group on disk, its callers told, listeners not")                   \
  POINT(checkpoint_before, "gateway/ledger/sqlite/checkpointer.cpp", "log full, not folded into the file")                        \
  POINT(checkpoint_after, "gateway/ledger/sqlite/checkpointer.cpp", "log folded into the file")                                   \
  POINT(backup_before_copy, "gateway/ledger/sqlite/sqlite_ledger.cpp", "file of a backup made, empty")                             \
  POINT(backup_copied, "gateway/ledger/sqlite/sqlite_ledger.cpp", "backup copied, not flushed, under its partial name")            \
  POINT(backup_renamed, "gateway/ledger/sqlite/sqlite_ledger.cpp", "backup under its name, folder not flushed")                    \
  POINT(accept_before_write, "gateway/flow/flow.cpp", "document identified and packed, not given to the ledger")                   \
  POINT(accept_receipt_signed, "gateway/flow/accept.cpp", "receipt signed, document not inserted")                                 \
  POINT(accept_inserted, "gateway/flow/accept.cpp", "document inserted with its receipt, not committed")                          \
  POINT(accept_committed, "gateway/flow/flow.cpp", "document durable, receipt not handed to the transport")                        \
  POINT(accept_answered, "gateway/flow/flow.cpp", "receipt handed to the transport")                                               \
  POINT(receipt_before_send, "gateway/transport/grpc/sender_service.cpp", "reply of Submit built, call not finished")              \
  POINT(receipt_stream_before_send, "gateway/transport/grpc/submit_stream.cpp", "receipt for a stream, not queued")                \
  POINT(read_begun, "gateway/flow/flow.cpp", "try counted, document not read; subject: client_ref")                                \
  POINT(read_document, "gateway/flow/flow.cpp", "body fetched, parser not begun; subject: client_ref")                              \
  POINT(read_done, "gateway/flow/flow.cpp", "document read, report not committed")                                                 \
  POINT(read_committed, "gateway/flow/flow.cpp", "report committed, nobody told")                                                 \
  POINT(join_before_write, "gateway/flow/flow.cpp", "documents of the shipment read ahead, join not begun")                        \
  POINT(join_attached, "gateway/flow/flow.cpp", "document attached to its shipment, draft not begun, not committed")               \
  POINT(join_drafted, "gateway/flow/flow.cpp", "shipment drafted, not committed")                                                  \
  POINT(task_done, "gateway/flow/flow.cpp", "all commits of a document or shipment made, worker not free yet")                     \
  POINT(draft_allocated, "gateway/flow/redraft.cpp", "numbers allocated, filings not written, not committed")                      \
  POINT(draft_filing_inserted, "gateway/flow/redraft.cpp", "a filing inserted, its numbers not indexed, not committed")            \
  POINT(claim_before, "gateway/delivery/delivery.cpp", "a session has room, nothing claimed")                                      \
  POINT(claim_in_commit, "gateway/delivery/delivery.cpp", "filings leased, not committed")                                         \
  POINT(claim_committed, "gateway/delivery/delivery.cpp", "leases durable, nothing offered")                                       \
  POINT(offer_sent, "gateway/delivery/delivery.cpp", "a filing given to its channel, the next one not")                            \
  POINT(feed_before_send, "gateway/transport/grpc/filer_service.cpp", "filing for a feed, not queued")                             \
  POINT(feed_sent, "gateway/transport/grpc/filer_service.cpp", "filing queued on a feed, perhaps on the wire")                     \
  POINT(give_back_before, "gateway/delivery/delivery.cpp", "a filer's connection lost, its leases stand")                          \
  POINT(give_back_committed, "gateway/delivery/delivery.cpp", "its leases given back")                                             \
  POINT(act_before_write, "gateway/delivery/delivery.cpp", "act of a filer received, not given to the ledger")                     \
  POINT(act_kept, "gateway/delivery/acts.cpp", "act kept as a document, not applied, not committed")                               \
  POINT(act_applied, "gateway/delivery/acts.cpp", "act applied to its filing, not committed")                                      \
  POINT(act_committed, "gateway/delivery/delivery.cpp", "act durable, filer not told")                                             \
  POINT(act_answered, "gateway/delivery/delivery.cpp", "result of the act given to the transport")                                 \
  POINT(act_result_before_send, "gateway/transport/grpc/filer_service.cpp", "result of an act for a feed, not queued")             \
  POINT(answer_kept, "gateway/delivery/acts.cpp", "CBP's answer kept, not matched, not committed")                                 \
  POINT(answer_matched, "gateway/delivery/acts.cpp", "an answer filed under its filing, the document not moved, not committed")    \
  POINT(spool_file_created, "gateway/transport/spool/spool_folder.cpp", "a spool file under its temporary name, empty")            \
  POINT(spool_file_written, "gateway/transport/spool/spool_folder.cpp", "a spool file written and flushed, not renamed")           \
  POINT(spool_file_renamed, "gateway/transport/spool/spool_folder.cpp", "a spool file under its name, folder not flushed")         \
  POINT(spool_records_out, "gateway/transport/spool/spool.cpp", "records of a filing out, its .json not")                          \
  POINT(spool_act_applied, "gateway/transport/spool/spool.cpp", "act of a spool file durable, the file still in in/")              \
  POINT(spool_file_moved, "gateway/transport/spool/spool_folder.cpp", "a file moved to done/ or bad/, its findings not written")   \
  POINT(reload_begun, "gateway/app/gateway.cpp", "configuration read again, nothing replaced")                                     \
  POINT(reload_registry, "gateway/app/gateway.cpp", "registry replaced, profiles and trust not")                                   \
  POINT(reload_done, "gateway/app/gateway.cpp", "all replaced, not said")                                                          \
  POINT(drain_begun, "gateway/app/gateway.cpp", "not ready any more, doors open")                                                  \
  POINT(drain_doors_closed, "gateway/app/gateway.cpp", "doors closed and calls ended, flow and delivery work")                     \
  POINT(drain_flow_done, "gateway/app/gateway.cpp", "flow ended, delivery works")                                                  \
  POINT(drain_delivery_done, "gateway/app/gateway.cpp", "delivery ended, leases given back, ledger open")                          \
  POINT(drain_ledger_closed, "gateway/app/gateway.cpp", "ledger closed, process not ended")
// clang-format on

enum class FaultPoint : std::size_t {
#define PUENTE_FAULT_POINT_NAME(name, file, sentence) name,
  PUENTE_FAULT_POINT_TABLE(PUENTE_FAULT_POINT_NAME)
#undef PUENTE_FAULT_POINT_NAME
};

#ifdef PUENTE_FAULT_POINTS

struct FaultPointRow {
  std::string_view name, file, sentence;
};
std::span<const FaultPointRow> fault_points();  // in the order of FaultPoint

void cross(FaultPoint point, std::string_view subject = {});

// Fault fault_points_refused: orders are given and the gateway says production.
Result<void> permit_fault_points(bool production);

#else

[[gnu::always_inline]] inline void cross(FaultPoint, std::string_view = {}) {}
inline Result<void> permit_fault_points(bool) { return {}; }

#endif

}  // namespace puente::ops
