#include "gateway/transport/grpc/administration_service.h"

#include <filesystem>
#include <utility>

namespace puente::transport {
namespace {

constexpr std::string_view kExceptions = "/puente.v1.Administration/Exceptions";
constexpr std::string_view kTrace = "/puente.v1.Administration/Trace";
constexpr std::string_view kReload = "/puente.v1.Administration/Reload";
constexpr std::string_view kVerify = "/puente.v1.Administration/Verify";
constexpr std::string_view kBackup = "/puente.v1.Administration/Backup";

void log_order(std::string_view order, const Caller& caller) {
  ops::log_info("administration", {{"order", order}, {"partner", caller.scope.partner}});
}

}  // namespace

grpc::ServerUnaryReactor* AdministrationService::Exceptions(grpc::CallbackServerContext* context,
                                                            const v1::ExceptionsRequest* request,
                                                            v1::ExceptionsReply* reply) {
  return unary(backend_, context, kExceptions, *request, [&](const Caller&, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, reply] {
      auto rows = backend_.delivery.exceptions();
      if (!rows) return status_of(rows.error());
      for (v1::ExceptionRow& row : *rows) *reply->add_rows() = std::move(row);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Trace(grpc::CallbackServerContext* context,
                                                       const v1::TraceRequest* request, v1::StatusReply* reply) {
  return unary(backend_, context, kTrace, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, request, reply, scope = caller.scope] {
      return reply_with(backend_.flow.status(scope, request->number()), reply);
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Reload(grpc::CallbackServerContext* context,
                                                        const v1::ReloadRequest* request, v1::ReloadReply* reply) {
  return unary(backend_, context, kReload, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("reload", caller);
    finish_on(backend_.administration, context, reactor, [this, reply] {
      if (!backend_.options.reload) return status_of({FaultKind::permanent, "reload_not_offered", ""});
      auto findings = backend_.options.reload();
      if (!findings) return status_of(findings.error());
      for (Finding& finding : *findings) *reply->add_findings() = std::move(finding);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Verify(grpc::CallbackServerContext* context,
                                                        const v1::VerifyRequest* request, v1::VerifyReply* reply) {
  return unary(backend_, context, kVerify, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("verify", caller);
    finish_on(backend_.administration, context, reactor, [this, reply] {
      const auto report = backend_.ledger.verify();
      if (!report) return status_of(report.error());
      reply->set_intact(report->intact);
      reply->set_events(report->events);
      reply->set_documents(report->documents);
      reply->set_text(report->text);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Backup(grpc::CallbackServerContext* context,
                                                        const v1::BackupRequest* request, v1::BackupReply* reply) {
  return unary(backend_, context, kBackup, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("backup", caller);
    finish_on(backend_.administration, context, reactor, [this, request, reply] {
      const std::filesystem::path path(request->path());
      std::error_code error;
      // The daemon's working directory is nothing a caller knows, and a backup never replaces a file.
      if (!path.is_absolute() || std::filesystem::exists(path, error) || error) {
        return status_of_finding(grpc::StatusCode::INVALID_ARGUMENT, make_finding("BACKUP_PATH_INVALID"));
      }
      const auto bytes = backend_.ledger.backup(path);
      if (!bytes) return status_of(bytes.error());
      reply->set_bytes(*bytes);
      return grpc::Status::OK;
    });
  });
}

}  // namespace puente::transport
