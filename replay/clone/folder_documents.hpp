// Documents in a folder: one file each, below the folder. Shared by those who see the folder, over a network, too.
#pragma once

#include <memory>
#include <string>

#include "replay/clone/document_store.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Makes the folder where it is missing, for its owner alone. ExitCode::output_failed.
[[nodiscard]] Result<std::unique_ptr<DocumentStore>> open_folder_documents(const std::string& folder);

}  // namespace understudy
