"""The words of the welcome and of a start that fails; knows no Qt."""

from kling_desktop.wording.translation import N_, Phrase

START_WITH_NEW_RECORDS = Phrase(N_("Start with new records, made from the clips’ files"))
GO_ON = Phrase(N_("Go on"))
PLAY_THE_SAMPLE = Phrase(N_("Play the sample"))
SAMPLE_PICTURE = Phrase(N_("A sample picture that moves"))
PAUSE_THE_SAMPLE = Phrase(N_("Pause the sample"))
PLAIN_MP4_FILES_IN_ORDINARY_FOLDERS = Phrase(
    N_("Plain MP4 files in ordinary folders, yours to move and back up.")
)
LOOK_AROUND = Phrase(N_("Look around in the sandbox"))
HAVE_KEY = Phrase(N_("I have a Runware API key"))
OPEN_KLING_DESKTOP = Phrase(N_("Open Kling Desktop"))
WELCOME = Phrase(N_("Welcome"))
CHOOSE = Phrase(N_("Choose…"))
WELCOME_TITLE = Phrase(N_("Bring your pictures to life"))
WELCOME_ABOUT = Phrase(N_("Two choices and you’re in. Both can be changed later in Settings."))
HOW_TO_START = Phrase(N_("How do you want to start?"))
HAVE_KEY_ABOUT = Phrase(N_("You’ll find your key in the Runware dashboard, under API keys."))
CHOOSE_LIBRARY_FOLDER = Phrase(N_("Choose the library folder"))
LOOK_AROUND_ABOUT = Phrase(
    N_("No key, no account, no charges. Practice clips are made on this computer.")
)
KEPT_IN_KEYCHAIN = Phrase(N_("Kept in your system’s keychain."))
COPY_OF = Phrase(N_("Copy of {backup}"))
